(* What Coq extracts of a machine, on the states of tests/oracle_states.c: a line each, numbers. *)
open States

let rec number i =
  if i = 0L then no_bits
  else
    bit (if Int64.logand i 1L = 1L then True else False) (number (Int64.shift_right_logical i 1))

let rec coq_list f = function [] -> Nil | x :: l -> Cons (f x, coq_list f l)

let line l = coq_list (fun s -> number (Int64.of_string ("0u" ^ s))) (String.split_on_char ' ' l)

let rec lines found =
  match input_line stdin with
  | l -> lines (line l :: found)
  | exception End_of_file -> List.rev found

let rec length = function Nil -> 0 | Cons (_, l) -> 1 + length l

let () =
  let found = lines [] in
  let n = length (differing (coq_list (fun l -> l) found)) in
  Printf.printf "%d of %d states differ\n" n (List.length found);
  exit (if n = 0 && found <> [] then 0 else 1)
