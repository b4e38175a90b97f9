// Browsers and bundlers: the module is fetched from where the script came from.
export const bytes = (url) => fetch(url);
