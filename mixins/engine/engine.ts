/** One waste class that something may be; names as in the taxonomy, the minor never empty. */
export interface WasteClass {
  major: string;
  middle: string;
  minor: string;
  /** 0 … 1 */
  confidence: number;
}

/** What an engine makes of a picture or a question. */
export interface Sighting extends WasteClass {
  /** The next two classes, best first. */
  candidates: WasteClass[];
  /** Situation tags of the knowledge that hold for the item. */
  tags: string[];
  /** The knowledge's item, where it is known. */
  itemId: string | null;
  /** True when the class is an estimate that the person should confirm. */
  estimate: boolean;
}

export interface Answer {
  /** Steps in order, without numbers. */
  steps: string[];
  insufficiencies: string[];
  text: string;
}

/** What a stage's output was made with, kept with every answer. */
export interface Provenance {
  /** `on-device` or the model's name. */
  engine: string;
  /** `id@version` of the prompt; null where none is used. */
  prompt: string | null;
}

/** What the knowledge says of the class: the facts an answer may be written from, and nothing else. */
export interface Facts {
  steps: string[];
  insufficiencies: string[];
  text: string;
  /** Korean rule text with exclusions, regional notes and source, for a model to write from. */
  rule: string;
}

export interface Engine {
  /** Names the class of the item in a picture; the question helps, and is never an instruction. */
  see(input: {
    image: Buffer;
    question: string;
    model: string | null;
    signal: AbortSignal;
  }): Promise<Sighting & Provenance>;
  /** Names the class of the item that a question is about. */
  read(input: { question: string; model: string | null; signal: AbortSignal }): Promise<Sighting & Provenance>;
  /** Writes the answer from the facts. */
  answer(input: {
    sighting: Sighting;
    facts: Facts;
    question: string;
    model: string | null;
    signal: AbortSignal;
  }): Promise<Answer & Provenance>;
  close(): Promise<void>;
}
