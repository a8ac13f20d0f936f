// The lines at the bottom of a terminal that are painted anew while what is printed scrolls by above them.

import type { Screen } from "./terminal.ts";
import { cutTo } from "./width.ts";

const FRAME_MS = 100;
const UP_AND_CLEAR = (lines: number) => (lines === 0 ? "" : `\x1b[${lines}F\x1b[0J`);

export interface LiveArea extends Disposable {
  /** Prints a line above the area. */
  print(line: string): void;
  /** Asks for a repaint soon, because what the area shows has changed. */
  refresh(): void;
  /** Takes the area away; only what is printed is to be seen until it is shown again. */
  hide(): void;
  show(): void;
}

/**
 * @param live whether there is an area at all; without, lines are only printed
 * @param content the area's lines without colours; those wider than the screen are cut
 */
export function liveArea(screen: Screen, live: boolean, content: () => readonly string[]): LiveArea {
  let painted = 0;
  let timer: NodeJS.Timeout | undefined;
  let hidden = false;

  function paint(above = ""): void {
    const lines = live && !hidden ? content().map((line) => cutTo(line, (screen.columns ?? 80) - 1)) : [];
    const text = UP_AND_CLEAR(painted) + above + lines.map((line) => `${line}\n`).join("");
    if (text !== "") screen.write(text);
    painted = lines.length;
    // The elapsed times go on by themselves as long as there are any.
    if (painted > 0) timer ??= setInterval(paint, FRAME_MS).unref();
    else stopTimer();
  }

  function stopTimer(): void {
    clearInterval(timer);
    timer = undefined;
  }

  // Whoever ends the process in the middle leaves a clean screen.
  const clear = () => {
    stopTimer();
    if (painted > 0) screen.write(UP_AND_CLEAR(painted));
    painted = 0;
  };
  if (live) process.on("exit", clear);

  return {
    print: (line) => paint(`${line}\n`),
    refresh() {
      if (live && timer === undefined) paint();
    },
    hide() {
      clear();
      hidden = true;
    },
    show() {
      hidden = false;
    },
    [Symbol.dispose]() {
      clear();
      process.off("exit", clear);
    },
  };
}
