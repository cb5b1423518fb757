import "../style/site.css";
import "../style/sheet.css";
import { mount } from "../site/mount.tsx";
import { BagPage } from "../cart/bag-page.tsx";

mount(BagPage);
