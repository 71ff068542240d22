// Search without a server. A browser starts no worker for a page that was opened as a file, so that the script of the worker
// runs in a hidden frame instead.
class FrameWorker extends EventTarget {
  constructor(url) {
    super();
    this.frame = document.createElement("iframe");
    this.frame.hidden = true;
    document.body.append(this.frame);
    const inside = this.frame.contentWindow;
    window.addEventListener("message", (event) => {
      if (event.source !== inside) return;
      const message = new MessageEvent("message", { data: event.data });
      this.dispatchEvent(message);
      if (this.onmessage) this.onmessage(message);
    });
    inside.document.open();
    inside.document.write("<!doctype html><body></body>");
    inside.document.close();
    const load = (address) =>
      new Promise((resolve, reject) => {
        const script = inside.document.createElement("script");
        Object.assign(script, { src: address, onload: resolve, onerror: reject });
        inside.document.body.append(script);
      });
    inside.importScripts = (...addresses) => Promise.all(addresses.map(load));
    const answer = inside.document.createElement("script");
    answer.textContent = "postMessage = (data) => parent.postMessage(data, '*');";
    inside.document.body.append(answer);
    this.ready = load(new URL(url, document.baseURI).href);
  }

  postMessage(data) {
    const inside = this.frame.contentWindow;
    this.ready.then(() => inside.dispatchEvent(new MessageEvent("message", { data })));
  }

  terminate() {
    this.frame.remove();
  }
}

if (location.protocol === "file:") window.Worker = FrameWorker;
