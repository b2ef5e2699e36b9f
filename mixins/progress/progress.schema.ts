import Type from "typebox";

/** One event of a progress log as a contract carries it; its id is strictly increasing within a job. */
export const ProgressEvent = Type.Object({
  id: Type.String(),
  event: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
});
