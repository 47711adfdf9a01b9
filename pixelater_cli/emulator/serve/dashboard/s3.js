// Requests to the emulated S3, which stores this page, too.

export const ROOT = new URL("..", location.href);
export const PAGE_BUCKET = location.pathname.split("/").at(-2);

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 200;

// Emulators do not check signatures, but treat unsigned requests as anonymous. No weather has an
// effect on the emulator's own access key.
const SIGNED = {
  Authorization: "AWS4-HMAC-SHA256 Credential=pixelater-emulator/20260101/us-east-1/s3/aws4_request, " +
    "SignedHeaders=host, Signature=emulator",
};

export class RequestError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function locate(bucket, key) {
  return new URL(`${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`, ROOT);
}

// Sends a request, three times if the server fails or does not answer. Throws RequestErrors.
// Nothing is cached: S3's times are whole seconds, in which a document may change several times.
export async function request(url, options = {}) {
  const headers = {...SIGNED, ...options.headers};
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, {cache: "no-store", ...options, headers}).catch(() => null);
    if (response?.ok) return response;
    if (attempt === ATTEMPTS || (response && response.status < 500)) throw await readError(response);
    await new Promise((resolve) => setTimeout(resolve, FIRST_DELAY_MS * 2 ** (attempt - 1)));
  }
}

export async function readJson(name) {
  return (await request(locate(PAGE_BUCKET, name))).json();
}

// Returns what is known of the names of a photo's mosaics and documents: the first look that matches
// its key.
function findLook(stack, key) {
  return stack.looks.find((look) => key.startsWith(look.prefix));
}

// Reads the preview document of a photo: undefined if its look has none, or if there is none yet.
export async function readPreview(stack, key) {
  const suffix = findLook(stack, key).documents.preview;
  if (!suffix || !await exists(stack.destination, key + suffix)) return undefined;
  return (await request(locate(stack.destination, key + suffix))).json();
}

// Returns whether a photo may have no mosaic: its look hides what is found in it.
export function mayFindNothing(stack, key) {
  return Boolean(findLook(stack, key).documents.regions);
}

// Lists the mosaics of a photo by name (pixelated-8x8-photo.jpg), with any suffix.
export async function listMosaics(stack, key) {
  const slash = key.lastIndexOf("/") + 1;
  const stem = key.slice(slash).replace(/\.[^.]*$/, "");
  const listings = findLook(stack, key).outputs.map(async (output) => {
    const prefix = `${key.slice(0, slash)}${output.prefix}${stem}`;
    const keys = await listKeys(stack.destination, prefix);
    const suffixed = keys.filter((name) => name.slice(prefix.length).lastIndexOf(".") <= 0);
    const end = output.suffix || key.slice(slash);
    const same = suffixed.find((name) => name.endsWith(end));
    return {name: output.name, key: same ?? suffixed[0]};
  });
  return (await Promise.all(listings)).filter((mosaic) => mosaic.key !== undefined);
}

// Returns whether an object exists, and its bucket. A request for an object that does not is an error
// in the console.
export async function exists(bucket, key) {
  try {
    return (await listKeys(bucket, key)).includes(key);
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) return false;
    throw error;
  }
}

async function listKeys(bucket, prefix) {
  const url = new URL(bucket, ROOT);
  url.search = new URLSearchParams({"list-type": 2, prefix, "encoding-type": "url"});
  const listing = parse(await (await request(url)).text());
  return [...listing.getElementsByTagName("Key")]
    .map((element) => decodeURIComponent(element.textContent.replaceAll("+", " ")));
}

async function readError(response) {
  if (!response) return new RequestError(0, "the emulator is not reachable");
  const error = parse(await response.text());
  const [code, message] = ["Code", "Message"].map((name) => error.querySelector(name)?.textContent);
  const reason = code ? `${code}: ${message}` : `${response.status} ${response.statusText}`;
  return new RequestError(response.status, reason);
}

function parse(text) {
  return new DOMParser().parseFromString(text, "text/xml");
}
