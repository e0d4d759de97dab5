import { signal } from '@preact/signals';
import { sentence } from './errors.ts';
import type { Gateway } from './gateway.ts';
import { newId } from './memory.ts';
import { strings } from './strings.ts';
import type { Shown } from './log.ts';

export const FILES_PER_MESSAGE = 10;

/** A file in the tray, on its way to the gateway or there already. */
export interface Upload {
  key: string;
  file: File;
  /** blob: address of the file itself, for its thumbnail and to open it again. */
  local: string;
  /** Share sent, 0 to 1. */
  progress: number;
  /** The gateway's id once it has the file. */
  id: string | null;
  problem: string | null;
  abort: AbortController;
}

export const isImage = (mime: string) => /^image\/(png|jpe?g|gif|webp|avif|bmp)$/.test(mime);

/** The files being gathered for the next message. Each starts to travel as soon as it is added. */
export class Uploads {
  readonly tray = signal<Upload[]>([]);
  readonly notice = signal<string | null>(null);

  constructor(
    private readonly gateway: Gateway,
    private readonly conversation: string,
  ) {}

  get busy(): boolean {
    return this.tray.value.some(({ id, problem }) => !id && !problem);
  }

  add(files: Iterable<File>): void {
    const room = FILES_PER_MESSAGE - this.tray.value.length;
    const chosen = [...files];
    this.notice.value = chosen.length > room ? strings.tooManyFiles(FILES_PER_MESSAGE) : null;
    for (const file of chosen.slice(0, room)) this.begin(file);
  }

  remove({ key, local, abort }: Upload): void {
    abort.abort();
    URL.revokeObjectURL(local);
    this.tray.value = this.tray.value.filter((upload) => upload.key !== key);
    this.notice.value = null;
  }

  /** Takes the files that arrived out of the tray; those that failed stay in it. */
  take(): Upload[] {
    const [arrived, others] = [this.tray.value.filter(({ id }) => id), this.tray.value.filter(({ id }) => !id)];
    this.tray.value = others;
    return arrived;
  }

  async send(upload: Upload): Promise<void> {
    const { key, file, abort } = upload;
    this.change(key, { progress: 0, problem: null });
    try {
      const { id } = await this.gateway.upload(this.conversation, file, (progress) => this.change(key, { progress }), abort.signal);
      this.change(key, { id, progress: 1 });
    } catch (error) {
      this.change(key, { problem: sentence(error) });
    }
  }

  private begin(file: File): void {
    const upload: Upload = { key: newId(), file, local: URL.createObjectURL(file), progress: 0, id: null, problem: null, abort: new AbortController() };
    this.tray.value = [...this.tray.value, upload];
    void this.send(upload);
  }

  private change(key: string, news: Partial<Upload>): void {
    this.tray.value = this.tray.value.map((upload) => (upload.key === key ? { ...upload, ...news } : upload));
  }
}

export const attachmentOf = ({ file: { name, type, size }, local }: Upload): Shown => ({ name, mime: type, size, local });

/** Pasted screenshots all bear the browser's name image.png; a time tells them apart. */
export function named(file: File, now = new Date()): File {
  if (file.name !== 'image.png') return file;
  const stamp = now.toISOString().slice(0, 19).replace(/\D/g, '-');
  return new File([file], `${strings.screenshot(stamp)}.png`, { type: file.type });
}
