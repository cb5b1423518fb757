import "../style/lists.css";
import { Cashdesk } from "../cashdesk/page.tsx";
import { mount } from "../site/mount.tsx";

mount(Cashdesk);
