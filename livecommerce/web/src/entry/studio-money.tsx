import "../style/lists.css";
import { StudioMoney } from "../money/page.tsx";
import { mount } from "../site/mount.tsx";

mount(StudioMoney);
