// Search from file://: browsers start no worker from a file, so its script runs in a hidden frame instead.
if (location.protocol === "file:") {
  class IFrameWorker extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      const frame = document.createElement("iframe")
      frame.hidden = true
      frame.srcdoc = "<!doctype html><title>search</title>"
      frame.addEventListener("load", () => this.load(frame.contentWindow, String(url)), { once: true })
      document.body.append(frame)
    }

    // The script's messages go to this object's listeners; messages to it wait until it has been read.
    load(inside, url) {
      inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      const script = inside.document.createElement("script")
      script.src = url
      script.addEventListener("load", () => {
        this.inside = inside
        this.waiting.splice(0).forEach(data => this.postMessage(data))
      })
      inside.document.head.append(script)
    }

    postMessage(data) {
      if (this.inside) this.inside.dispatchEvent(new MessageEvent("message", { data }))
      else this.waiting.push(data)
    }

    terminate() {}
  }
  window.IFrameWorker = window.Worker = IFrameWorker // the script asks its parent by this name where it is
}
