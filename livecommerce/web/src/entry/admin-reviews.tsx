import "../style/business.css";
import { Moderation } from "../moderation/page.tsx";
import { mount } from "../site/mount.tsx";

mount(Moderation);
