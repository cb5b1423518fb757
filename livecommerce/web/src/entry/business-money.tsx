import "../style/lists.css";
import { BusinessMoney } from "../money/page.tsx";
import { mount } from "../site/mount.tsx";

mount(BusinessMoney);
