// Shows the mail while its template is being written: sends the form into the frame below after a short rest.
const form = document.getElementById("template");
const button = document.getElementById("preview-button");
if (form && button) {
  let timer;
  const show = () => form.requestSubmit(button);
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 400);
  });
  show();
}
