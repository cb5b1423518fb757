import "../style/site.css";
import { Home } from "../site/home.tsx";
import { mount } from "../site/mount.tsx";

mount(Home);
