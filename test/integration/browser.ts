import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The system's Chromium, or undefined where there is none. */
export const chromiumProgram = (): string | undefined => programs.find((program) => existsSync(program));

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

export interface Visit {
  readonly page: Page;
  /** What the page complained of: console errors, broken scripts, refused by the content security policy. */
  readonly complaints: string[];
}

export interface VisitOptions {
  readonly token?: string;
  /** What the browser shows the server by itself (PEM). */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer };
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** The browser's own breaking off: an interface came or went, or the error page that it shows then came in between. */
const brokenOff = /ERR_NETWORK_CHANGED|ERR_ABORTED|interrupted by another navigation/;

/**
 * Navigates. Chromium gives a navigation up when a network interface comes or goes, as each container's does: it is
 * begun again, a few times.
 */
export async function navigate(page: Page, begin: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await begin();
      return;
    } catch (error) {
      if (tries === 10 || !(error instanceof Error && brokenOff.test(error.message))) throw error;
      // The error page of the broken navigation would interrupt one that begins at once.
      await page.waitForTimeout(300);
    }
  }
}

/** The page, once it shows itself: the browser may have broken off the very script that loads a page again. */
export async function enter(page: Page, url: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    await navigate(page, () => page.goto(url));
    try {
      await page.locator('main').waitFor({ timeout: 15_000 });
      return;
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

/** A fresh browser profile at the dashboard, signed in when a token is given. */
export async function visit(
  browser: Browser,
  url: string,
  { token, certificate, width = 1360, height = 850, dark = false }: VisitOptions,
): Promise<Visit> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    ...(certificate === undefined ? {} : { clientCertificates: [{ origin: new URL(url).origin, ...certificate }] }),
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // A refused request is the browser's own line; the page shows it to the viewer.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => {
    complaints.push(error.message);
  });
  await enter(page, `${url}/troupe/`);
  if (token !== undefined) {
    await page.getByLabel('Bearer token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
  }
  return { page, complaints };
}
