"""Who somebody is, who answers them, and whether they are let in.

Begin with `senders`: who is writing, in one statement, and what is made at first contact. `access`
is what an operator decides and a person agrees to, `refusing` what those are told who stay outside,
`absorbed` which agents are one life since their people were linked.
"""
