/** wrangler turns an imported .proto file into its text. */
declare const text: string;
export default text;
