/**
 * Loads the page's modules. A browser breaks its requests off when a network interface comes or goes, as each pod's
 * does on a machine that is a node: then the page is loaded again, a few times.
 */

const key = 'troupe-loads';
const loadsMax = 5;

try {
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
