/** Every text a person sees or hears. */

const plural = (count: number, one: string, many: string) => (count === 1 ? one : `${count} ${many}`);

export const strings = {
  launcher: (unread: number) =>
    unread ? `Abrir conversa com o suporte, ${plural(unread, 'uma mensagem nova', 'mensagens novas')}` : 'Abrir conversa com o suporte',
  panel: 'Conversa com o suporte',
  title: 'Suporte',
  subtitle: 'Assistente virtual',
  loadFailed: 'Não foi possível abrir a conversa. Clique para tentar de novo.',

  menu: 'Mais opções',
  newConversation: 'Nova conversa',
  newConversationStarted: 'Nova conversa iniciada.',
  previousConversation: 'Voltar à anterior',
  talkToPerson: 'Falar com uma pessoa',
  talkToPersonText: 'quero falar com uma pessoa',
  enlarge: 'Ampliar janela',
  shrink: 'Reduzir janela',
  close: 'Fechar conversa',

  log: 'Mensagens',
  welcomeTitle: 'Olá! Como podemos ajudar?',
  welcome: 'Conte o que está acontecendo com as suas palavras, em uma ou mais mensagens. Se preferir, comece por aqui:',
  starters: [
    { title: 'Relatar um erro', text: 'Quero relatar um erro' },
    { title: 'Tirar uma dúvida', text: 'Tenho uma dúvida de uso' },
    { title: 'Acompanhar um chamado', text: 'Quero acompanhar um chamado' },
  ],
  loading: 'Carregando a conversa…',
  newMessages: 'Novas mensagens',
  typing: 'O assistente está escrevendo',
  today: 'Hoje',
  yesterday: 'Ontem',
  senders: { customer: 'Você', bot: 'Assistente', agent: 'Atendente' },
  delivery: { sending: 'Enviando…', sent: 'Enviada', failed: 'Não enviada' },

  choices: 'Opções de resposta',
  chosen: 'escolhida',
  openArticle: 'Abrir artigo',
  newTab: 'abre em nova aba',
  ticket: (number: string) => `Chamado ${number}`,
  openTicket: 'Ver chamado',

  message: 'Sua mensagem',
  placeholder: 'Escreva aqui…',
  keys: 'Enter envia. Shift e Enter quebram a linha.',
  send: 'Enviar mensagem',
  attach: 'Anexar arquivos',
  attachments: 'Arquivos a enviar',
  removeAttachment: (name: string) => `Remover ${name}`,
  download: 'Baixar',
  uploading: (name: string) => `Enviando ${name}`,
  dropHere: 'Solte os arquivos aqui',
  tooManyFiles: (limit: number) => `Envie até ${limit} arquivos por mensagem.`,
  waitForUploads: 'Aguarde o fim do envio dos arquivos.',
  screenshot: (stamp: string) => `captura-${stamp}`,

  retry: 'Tentar de novo',
  offline: 'Sem conexão. O que você escrever será enviado quando a internet voltar.',
  unreachable: 'Não foi possível falar com o suporte. Verifique sua conexão.',
  refused: 'O suporte não conseguiu receber a mensagem.',
  historyFailed: 'Não foi possível carregar a conversa.',
  fileFailed: 'Não foi possível baixar o arquivo.',
};

const clock = new Intl.DateTimeFormat('pt-BR', { hour: '2-digit', minute: '2-digit' });
const calendar = new Intl.DateTimeFormat('pt-BR', { day: 'numeric', month: 'long', year: 'numeric' });
const decimal = new Intl.NumberFormat('pt-BR', { maximumFractionDigits: 1 });

export const timeOf = (at: string) => clock.format(new Date(at));

/** 'Hoje', 'Ontem' or the date in full, in the reader's own time zone. */
export function dayOf(at: string, now = new Date()): string {
  const day = new Date(at);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day.toDateString() === now.toDateString()) return strings.today;
  if (day.toDateString() === yesterday.toDateString()) return strings.yesterday;
  return calendar.format(day);
}

/** Bytes in words: 512 B, 84 kB, 3,2 MB. */
export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${decimal.format(Math.round(bytes / 1_000))} kB`;
  return `${decimal.format(bytes / 1_000_000)} MB`;
}
