import "../style/orders.css";
import { Orders } from "../orders/orders.tsx";
import { mount } from "../site/mount.tsx";

mount(Orders);
