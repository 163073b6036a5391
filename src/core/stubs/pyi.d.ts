/** The stubs of what is the same in every workspace: built in as text. */
declare module '*.pyi' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: the form that esbuild gives a text.
  export default text;
}
