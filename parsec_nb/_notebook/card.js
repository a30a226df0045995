(function (button) {
  var code = button.parentNode.querySelector('.parsec-nb-code');
  function select() {
    var range = document.createRange();
    range.selectNodeContents(code);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    button.textContent = 'SELECTED';
  }
  function copied() { button.textContent = 'COPIED'; }
  if (navigator.clipboard && navigator.clipboard.writeText) {
    navigator.clipboard.writeText(code.textContent).then(copied, select);
  } else {
    select();
  }
})(this)
