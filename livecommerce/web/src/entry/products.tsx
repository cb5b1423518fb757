import "../style/shop.css";
import { Products } from "../shop/products.tsx";
import { mount } from "../site/mount.tsx";

mount(Products);
