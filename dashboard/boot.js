/**
 * Loads the page's modules. A browser breaks its requests off when a network interface comes or goes, as each pod's
 * does on a machine that is a node: then the page is loaded again, a few times. A style sheet counts as much as a
 * module: without it, bars and plots have no size.
 */

const key = 'troupe-loads';
const loadsMax = 5;

/** A sheet that was broken off is none, or one whose rules cannot be read, by browser. */
function hasRules({ sheet }) {
  try {
    return sheet.cssRules.length > 0;
  } catch {
    return false;
  }
}

/** Module scripts run when the style sheets before them have arrived, or never will. */
function checkStyles() {
  for (const link of document.querySelectorAll('link[rel=stylesheet]'))
    if (!hasRules(link)) throw new Error(`${link.href} did not arrive`);
}

try {
  checkStyles();
  await import('./app.js');
  sessionStorage.removeItem(key);
} catch (error) {
  const loads = Number(sessionStorage.getItem(key) ?? 0) + 1;
  sessionStorage.setItem(key, String(loads));
  if (loads < loadsMax)
    setTimeout(() => {
      location.reload();
    }, 300 * loads);
  else {
    sessionStorage.removeItem(key);
    document.getElementById('app').textContent = `The page failed to load: ${error.message}. Reload it.`;
  }
}
