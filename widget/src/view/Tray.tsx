import { File as FileIcon, RotateCw, X } from 'lucide';
import { sizeOf, strings } from '../strings.ts';
import { isImage, type Upload, type Uploads } from '../uploads.ts';
import { Icon } from './Icon.tsx';

/** The files gathered for the next message, with how far each has got. */
export function Tray({ uploads }: { uploads: Uploads }) {
  const notice = uploads.notice.value;
  return (
    <>
      {uploads.tray.value.length > 0 && (
        <ul class="tray" aria-label={strings.attachments}>
          {uploads.tray.value.map((upload) => <TrayItem key={upload.key} upload={upload} uploads={uploads} />)}
        </ul>
      )}
      <p class="notice" role="status">{notice}</p>
    </>
  );
}

function TrayItem({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const { file, local, problem } = upload;
  return (
    <li class={problem ? 'failed' : ''}>
      {isImage(file.type) ? <img src={local} alt="" /> : <Icon node={FileIcon} />}
      <span class="tray-text">
        <span class="file-name">{file.name}</span>
        <TrayState upload={upload} />
      </span>
      {problem && <button type="button" class="icon" aria-label={`${strings.retry}: ${file.name}`} onClick={() => void uploads.send(upload)}><Icon node={RotateCw} size={16} /></button>}
      <button type="button" class="icon" aria-label={strings.removeAttachment(file.name)} onClick={() => uploads.remove(upload)}><Icon node={X} size={16} /></button>
    </li>
  );
}

function TrayState({ upload: { file, id, problem, progress } }: { upload: Upload }) {
  if (problem) return <span class="small problem" role="alert">{problem}</span>;
  if (id) return <span class="small">{sizeOf(file.size)}</span>;
  return <progress max={1} value={progress} aria-label={strings.uploading(file.name)} />;
}
