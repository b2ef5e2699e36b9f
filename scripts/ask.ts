import type { ScanResultBody } from "../services/scan/scan.contract.ts";
import { bodyOf } from "./client.ts";
import { runCommand, usageError } from "./command.ts";

const help = `어떻게 버리는지 물어봐요.

  npm run ask -- "깨진 컵은 어떻게 버려요?"

  --json   결과를 JSON으로 출력
  --help   이 도움말
`;

await runCommand({
  help,
  prepare(args) {
    const question = args.join(" ").trim();
    if (question === "") throw usageError('질문을 적어 주세요: npm run ask -- "깨진 컵은 어떻게 버려요?"');
    return async ({ client, stages }) => {
      stages.begin("답을 찾는 중");
      const result = bodyOf(await client.post("/api/v1/scan/classify", { user_input: question })) as ScanResultBody;
      stages.end();
      return result;
    };
  },
});
