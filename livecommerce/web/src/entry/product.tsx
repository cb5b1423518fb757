import "../style/shop.css";
import { rememberReferral } from "../cart/touch.ts";
import { ProductPage } from "../shop/product.tsx";
import { mount } from "../site/mount.tsx";

rememberReferral();
mount(ProductPage);
