// Times, durations and numbers as people read them.

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

/** A time of day, or a date with it where it is not today. */
export function timeOf(when) {
  const today = new Date().toDateString() === when.toDateString();
  return when.toLocaleString(undefined, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}

/** "1 comment", "2 comments". */
export function comments(count) {
  return `${count.toLocaleString()} ${count === 1 ? "comment" : "comments"}`;
}

/** The milliseconds of a duration as the app writes it, [days.]hours:minutes:seconds; null for anything else. */
export function milliseconds(duration) {
  const [, days, hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(duration ?? "") ?? [];
  return seconds === undefined ? null : (days ?? 0) * day + hours * hour + minutes * minute + seconds * second;
}

/** What is left, in two units at most, never less than it is: "3 h 12 min". */
export function inWords(time) {
  const seconds = Math.ceil(time / second);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours >= 48 ? both(Math.floor(hours / 24), "d", hours % 24, "h")
    : hours > 0 ? both(hours, "h", minutes, "min")
      : minutes > 0 ? both(minutes, "min", seconds % 60, "s")
        : `${seconds} s`;
}

/** What something took: "12 ms", "1.5 s", "3 min 4 s". */
export function took(time) {
  return time === null ? "–" : time < second ? `${Math.round(time)} ms` : time < minute ? `${(time / second).toFixed(1)} s` : inWords(time);
}

function both(great, greatUnit, small, smallUnit) {
  return small === 0 ? `${great} ${greatUnit}` : `${great} ${greatUnit} ${small} ${smallUnit}`;
}
