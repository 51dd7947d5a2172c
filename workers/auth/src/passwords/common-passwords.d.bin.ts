/** wrangler turns an imported .bin file into its bytes. */
declare const bytes: ArrayBuffer;
export default bytes;
