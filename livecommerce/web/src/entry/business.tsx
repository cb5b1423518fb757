import "../style/business.css";
import { Business } from "../business/business.tsx";
import { mount } from "../site/mount.tsx";

mount(Business);
