// The search runs in a worker, and browsers start none for a page that was opened from a file. There it runs in a
// hidden frame, which is told and tells the same messages. Material looks for the name IFrameWorker.
if (location.protocol === "file:") {
  window.IFrameWorker = class IFrameWorker extends EventTarget {
    constructor(url) {
      super();
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inner = frame.contentWindow;
      inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const script = inner.document.createElement("script");
      script.src = url;
      script.onload = () => {
        this.tell = (data) => inner.dispatchEvent(new MessageEvent("message", { data }));
        this.waiting.forEach(this.tell);
      };
      inner.document.body.append(script);
    }

    postMessage(data) {
      this.tell ? this.tell(data) : this.waiting.push(data);
    }
  };
  window.Worker = window.IFrameWorker;
}
