import { Download, File as FileIcon } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { sizeOf, strings } from '../strings.ts';
import { isImage } from '../uploads.ts';
import type { Shown } from '../log.ts';
import { Icon } from './Icon.tsx';

/** Fetches an attachment's bytes with the reader's identity, which an address in `src` or `href` could not carry. */
export type FetchFile = (url: string) => Promise<Blob>;

/** The files of a message: images as thumbnails, the rest by name. Pressing one downloads it. */
export function Files({ files, fetchFile }: { files: Shown[]; fetchFile: FetchFile }) {
  return <div class="files">{files.map((file, at) => <FileButton key={at} file={file} fetchFile={fetchFile} />)}</div>;
}

function FileButton({ file, fetchFile }: { file: Shown; fetchFile: FetchFile }) {
  const [failed, setFailed] = useState(false);
  const download = () => void save(file, fetchFile).then(() => setFailed(false), () => setFailed(true));
  return (
    <>
      <button type="button" class={isImage(file.mime) ? 'thumbnail' : 'file'} title={file.name} disabled={!file.url && !file.local} onClick={download}>
        <span class="sr-only">{strings.download}</span>
        {isImage(file.mime) ? <Picture file={file} fetchFile={fetchFile} /> : <FileLabel file={file} />}
      </button>
      {failed && <p class="small" role="status">{strings.fileFailed}</p>}
    </>
  );
}

function Picture({ file, fetchFile }: { file: Shown; fetchFile: FetchFile }) {
  const address = usePicture(file, fetchFile);
  return address ? <img src={address} alt={file.name} /> : <span class="file-name">{file.name}</span>;
}

function FileLabel({ file }: { file: Shown }) {
  return (
    <>
      <Icon node={FileIcon} size={18} />
      <span class="file-name">{file.name}</span>
      <span class="small">{sizeOf(file.size)}</span>
      <Icon node={Download} size={16} />
    </>
  );
}

/** The small picture where the gateway offers one; the file itself only where it says nothing of one. */
function usePicture({ mime, url, thumbnail = url, local }: Shown, fetchFile: FetchFile): string | null {
  const [loaded, setLoaded] = useState<string | null>(null);
  useEffect(() => {
    if (local || !thumbnail || !isImage(mime)) return;
    let address: string | null = null;
    let gone = false;
    fetchFile(thumbnail).then((blob) => gone || setLoaded((address = URL.createObjectURL(blob))), () => undefined);
    return () => {
      gone = true;
      if (address) URL.revokeObjectURL(address);
    };
  }, [thumbnail, local]);
  return local ?? loaded;
}

async function save({ name, url, local }: Shown, fetchFile: FetchFile): Promise<void> {
  const address = local ?? URL.createObjectURL(await fetchFile(url!));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  if (!local) setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
