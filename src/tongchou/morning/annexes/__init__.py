"""The annexes A to K: whole tables behind the two pages."""
