import { Problem } from './problem.mjs';
import { findChromium } from './requirements.mjs';

/**
 * Opens a headless browser that keeps to this machine. It ends with the process that opened it.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function openBrowser() {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Problem(
      'No Chromium was found.',
      'Install Chromium or Chrome, or set CHROMIUM to the path of its executable.',
    );
  }
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Small shared-memory folders (containers) make the page crash.
      '--disable-dev-shm-usage',
    ],
  });
}
