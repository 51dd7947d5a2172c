import { setTimeout as wait } from "node:timers/promises";

/** Short beside any wait that a person would notice; an answer that hangs is met by every question of that time. */
const ASK_EVERY_MS = 20;

/** The answers to questions that came regularly, whether or not the ones before were answered. */
export interface Answers {
  /** Milliseconds, 99th percentile. */
  p99: number;
  /** Each status that was answered, once. */
  statuses: number[];
}

/** Asks an address again and again, from now until the returned function is called. */
export function askRegularly(url: string): () => Promise<Answers> {
  const asked: Promise<Answer>[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      asked.push(ask(url));
      await wait(ASK_EVERY_MS);
    }
  })();
  return async () => {
    isOver = true;
    await asking;
    return summary(await Promise.all(asked));
  };
}

interface Answer {
  status: number;
  ms: number;
}

async function ask(url: string): Promise<Answer> {
  const started = performance.now();
  const answer = await fetch(url);
  await answer.text();
  return { status: answer.status, ms: performance.now() - started };
}

function summary(answers: Answer[]): Answers {
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const p99 = times[Math.ceil(times.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY;
  return { p99, statuses: [...new Set(answers.map(({ status }) => status))] };
}
