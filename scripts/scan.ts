import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { ScanResultBody } from "../services/scan/scan.contract.ts";
import { bodyOf, type Client } from "./client.ts";
import { runCommand, typedPath, usageError } from "./command.ts";
import type { StageLines } from "./stage-lines.ts";

const help = `사진을 보고 어떻게 버리는지 알려 줘요.

  npm run scan -- photo.jpg
  npm run scan -- photo.jpg "뚜껑은 따로 버려요?"

  --json   결과를 JSON으로 출력
  --help   이 도움말
`;

/** The gateway's own limit; asked here too, since it cuts the line in the middle of a larger upload. */
const MAX_BYTES = 10 * 1024 * 1024;
const RECONNECTS = 20;

const LABELS: Record<string, string | undefined> = {
  vision: "사진 살펴보기",
  rule: "배출 기준 찾기",
  answer: "답변 쓰기",
  reward: "캐릭터 확인하기",
};

function readPhoto(path: string): Buffer<ArrayBuffer> {
  let bytes: Buffer<ArrayBuffer>;
  try {
    bytes = readFileSync(typedPath(path));
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") throw usageError(`그런 파일이 없어요: ${path}`);
    if (code === "EISDIR") throw usageError(`파일이 아니라 폴더예요: ${path}`);
    throw usageError(`파일을 읽을 수 없어요: ${message}`);
  }
  if (bytes.length === 0) throw usageError(`빈 파일이에요: ${path}`);
  if (bytes.length > MAX_BYTES) throw usageError(`사진이 너무 커요 (10 MiB까지): ${path}`);
  return bytes;
}

/** Shows the stages as they happen; a line that breaks is taken up again where it broke. */
async function follow(client: Client, streamUrl: string, stages: StageLines): Promise<ScanResultBody> {
  let lastEventId: string | undefined;
  for (let tries = 0; tries < RECONNECTS; tries++) {
    for await (const { id, event, data } of client.events(
      streamUrl,
      lastEventId === undefined ? {} : { lastEventId },
    )) {
      lastEventId = id ?? lastEventId;
      if (event === "done") return data["result"] as ScanResultBody;
      const label = LABELS[event];
      if (label === undefined) continue;
      if (data["status"] === "started") stages.begin(label);
      else stages.end();
    }
  }
  throw new Error("진행 상황을 끝까지 받지 못했어요.");
}

await runCommand({
  help,
  prepare([path, ...question]) {
    if (path === undefined) throw usageError('사진을 골라 주세요: npm run scan -- photo.jpg "질문"');
    const bytes = readPhoto(path);
    const userInput = question.join(" ").trim();
    return async ({ client, stages }) => {
      stages.begin("사진 올리기");
      const imageUrl = await client.upload(bytes, { name: basename(path) });
      stages.end();
      const order = { image_url: imageUrl, ...(userInput === "" ? {} : { user_input: userInput }) };
      const job = bodyOf(await client.post("/api/v1/scan", order)) as { stream_url: string };
      return follow(client, job.stream_url, stages);
    };
  },
});
