"""The only room that starts git. It gathers facts about a repository and judges nothing."""
