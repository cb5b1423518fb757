/** Icons as 24x24 stroke paths. They are decoration: the label is beside them or on the button. */

export const icons = {
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.200a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.600z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  bag: "M6 8h12l1 12.500H5zM9 10.500V7a3 3 0 0 1 6 0v3.5",
  heart: "M12 20.500C5 15.5 3 12 3 8.800A4.8 4.8 0 0 1 12 6.500a4.8 4.8 0 0 1 9 2.300c0 3.2-2 6.7-9 11.700z",
  share: "M12 15V3.500M8 7l4-4 4 4M5 12v7.500h14V12",
  send: "M4 11.500L20.5 4 15 20.500l-3.5-6.500zM11.5 14l9-10",
  soundOff: "M4 9.500v5h3.500L12.5 19V5L7.5 9.500zM16.5 9.500l5 5M21.5 9.500l-5 5",
  soundOn: "M4 9.500v5h3.500L12.5 19V5L7.5 9.500zM16 9a4.5 4.5 0 0 1 0 6M18.5 6.500a8 8 0 0 1 0 11",
  play: "M7 4.500v15l12.5-7.500z",
  pause: "M8.5 5v14M15.5 5v14",
  check: "M4.5 12.500l5 5 10-11",
  trash: "M4.5 7h15M9 7V4.500h6V7M6.5 7l1 13h9l1-13M10 11v5.500M14 11v5.5",
  pin: "M9 3.500h6l-.8 6.5 3.3 3.500v2H6.500v-2L9.8 10zM12 15.500V21",
  camera: "M3 7.500h12v9H3zM15 11l6-3.500v9L15 13",
  cameraOff: "M3 3l18 18M15 11l6-3.500v9M10 7.500h5v5M3 7.500v9h12v-1",
  mic: "M12 3.500a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM5.5 11.500a6.5 6.5 0 0 0 13 0M12 18v3",
  micOff: "M3 3l18 18M9 9v2.500a3 3 0 0 0 4.5 2.600M15 11.500v-5a3 3 0 0 0-5.9-.8M5.5 11.500a6.5 6.5 0 0 0 10 5.500M18.5 11.500a6.5 6.5 0 0 1-.5 2.500M12 18v3",
  flip: "M4 9a8.5 8.5 0 0 1 15-1.500M20 15a8.5 8.5 0 0 1-15 1.500M19.5 3.500v4.500H15M4.5 20.500V16H9",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.500L20.5 20.5",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 20.500c1-4 4-6 8-6s7 2 8 6",
  warning: "M12 4L2.5 20h19zM12 10v4.500M12 17.500h.01",
  clock: "M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.500V12l3 2",
  edit: "M4 20l1-4.500L16.5 4 20 7.5 8.5 19zM14 6.500L17.5 10",
  stop: "M6.5 6.500h11v11h-11z",
  down: "M5 9l7 7 7-7",
  chat: "M4 5h16v11.500H11L6.5 20.500v-4H4z",
  signal: "M4 19v-3M9.3 19v-6.500M14.7 19V9M20 19V5",
} as const;

export function Icon({ name, filled = false }: { name: keyof typeof icons; filled?: boolean }) {
  return (
    <svg class={filled ? "icon icon-filled" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={icons[name]} />
    </svg>
  );
}
