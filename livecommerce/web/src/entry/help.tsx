import "../style/support.css";
import { mount } from "../site/mount.tsx";
import { Help } from "../support/help.tsx";

mount(Help);
