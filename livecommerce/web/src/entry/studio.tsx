import "../style/studio.css";
import { mount } from "../site/mount.tsx";
import { Studio } from "../studio/studio.tsx";

mount(Studio);
