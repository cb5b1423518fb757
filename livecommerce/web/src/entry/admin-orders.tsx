import "../style/orders.css";
import "../style/lists.css";
import { mount } from "../site/mount.tsx";
import { OrderDesk } from "../orderdesk/page.tsx";

mount(OrderDesk);
