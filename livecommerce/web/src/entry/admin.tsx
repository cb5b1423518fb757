import "../style/lists.css";
import { mount } from "../site/mount.tsx";
import { Desk } from "../support/desk.tsx";

mount(Desk);
