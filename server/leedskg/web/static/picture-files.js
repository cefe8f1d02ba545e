// Saves a picture as PNG: the drawing that the server makes, painted by the browser. Files of other formats are links.
(function () {
  "use strict";

  const SHARP = 2; // pixels a unit of the drawing
  const MOST = 12000; // pixels a side that every browser paints

  async function painted(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`the site answered ${answer.status}`);
    const text = await answer.text();
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const scale = Math.min(SHARP, MOST / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const [, , date] = /filename="(.*?)(-\d{4}-\d\d-\d\d)\.svg"/.exec(answer.headers.get("Content-Disposition")) || [];
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    return { blob, date: date || "" };
  }

  for (const button of document.querySelectorAll("[data-save-png]")) {
    const status = document.querySelector("[data-save-status]");
    button.closest("[hidden]").hidden = false;
    button.addEventListener("click", async () => {
      status.textContent = "Painting the picture …";
      try {
        const { blob, date } = await painted(button.dataset.savePng);
        const link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = `${button.dataset.saveName}${date}.png`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
        status.textContent = `Saved as ${link.download}.`;
      } catch (error) {
        status.textContent = `The PNG could not be made: ${error.message}. Take the SVG instead.`;
      }
    });
  }
})();
