import "../style/orders.css";
import { Account } from "../site/account.tsx";
import { mount } from "../site/mount.tsx";

mount(Account);
