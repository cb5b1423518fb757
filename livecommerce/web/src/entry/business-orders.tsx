import "../style/lists.css";
import { Parcels } from "../parcels/page.tsx";
import { mount } from "../site/mount.tsx";

mount(Parcels);
