import "../style/shop.css";
import { WishlistPage } from "../shop/wishlist.tsx";
import { mount } from "../site/mount.tsx";

mount(WishlistPage);
