import {defineConfig} from "vite";
import {placeholders} from "./placeholders.js";

export default defineConfig({base: "./", plugins: [placeholders()]});
