declare module "msgpackr/index-no-eval" {
  export { Packr, Unpackr } from "msgpackr";
}
