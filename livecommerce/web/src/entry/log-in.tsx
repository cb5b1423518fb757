import "../style/site.css";
import { LogIn } from "../site/log-in.tsx";
import { mount } from "../site/mount.tsx";

mount(LogIn);
